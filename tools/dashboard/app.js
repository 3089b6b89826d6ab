// The dashboard. Which address shows which page; everything else is in the files named here.

import { startHeader } from './header.js';
import * as live from './live.js';
import * as alerting from './pages/alerting.js';
import * as engine from './pages/engine.js';
import * as host from './pages/host.js';
import * as incident from './pages/incident.js';
import * as monitoring from './pages/monitoring.js';
import * as notFound from './pages/not_found.js';
import * as rule from './pages/rule.js';
import * as rules from './pages/rules.js';
import { start } from './router.js';

startHeader();
start(document.getElementById('main'), [
  ['', monitoring],
  ['hosts/{name}', host],
  ['alerting', alerting],
  ['incidents/{id}', incident],
  ['rules', rules],
  ['rules/{name}', rule],
  ['engine', engine],
], notFound);
live.run();
