require('tocsin-botpress').started(bp)
