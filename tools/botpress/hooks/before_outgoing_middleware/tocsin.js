require('tocsin-botpress').eventOut()
