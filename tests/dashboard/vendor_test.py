"""What the dashboard copied from the npm registry is what package-lock.json pins, to the byte."""

import filecmp
import os
import shutil
import subprocess
import tempfile
import unittest

FOLDER = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "tools", "dashboard")


class Vendor(unittest.TestCase):
    @unittest.skipUnless(shutil.which("npm"), "there is no npm")
    def test_copies_are_what_the_registry_has(self):
        with tempfile.TemporaryDirectory() as fresh:
            subprocess.run([os.path.join(FOLDER, "vendor.sh"), fresh], check=True, timeout=240,
                           stdout=subprocess.DEVNULL)
            names = sorted(os.listdir(fresh))
            self.assertEqual(sorted(os.listdir(os.path.join(FOLDER, "vendor"))), names)
            self.assertIn("uPlot.LICENSE", names)
            for name in names:
                self.assertTrue(filecmp.cmp(os.path.join(fresh, name), os.path.join(
                    FOLDER, "vendor", name), shallow=False), f"{name}: run tools/dashboard/vendor.sh")


if __name__ == "__main__":
    unittest.main()
