"""Pages looked at: wide and on a phone, light and dark, by axe-core and, as pictures, by people."""

from chromium import e

SCREENS = [(1280, "light"), (360, "dark"), (1280, "dark"), (360, "light")]


def look(test, browser, url, scene, places, screens=SCREENS, but=()):
    """Each place (name: hash, text that must be there) on each screen: axe-core finds nothing,
    nothing is wider than the screen, the browser complains of nothing."""
    found = []
    for width, theme in screens:
        page = browser.page(url, width, 740 if width < 600 else 800, theme)
        for name, (place, text) in places.items():
            page.go("#/nowhere").go(place)
            page.wait_live()
            page.wait_text(text)
            shot = f"{scene}-{name}-{width}-{theme}"
            # What loads without being waited for: charts, and lists that come after them.
            e.wait_until(f"{shot} is whole", lambda: page.run(
                "!document.querySelector('main .loading')"))
            page.run("new Promise((drawn) => setTimeout(drawn, 250))")
            page.picture(shot, whole=True)
            found += [f"{shot}: axe: {one}" for one in page.call("judge")]
            if page.overflow() > 0:
                found.append(f"{shot}: {page.overflow()} px wider than the screen")
            found += [f"{shot}: {line}" for line in page.said(but)]
        page.close()
    test.assertEqual([], found, "\n".join(found))
