require('tocsin-botpress').eventIn()
