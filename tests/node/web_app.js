'use strict'
// usage: web_app.js express|koa. An application that reports its requests; says its port on
// standard output, and ends in good order at SIGTERM.
const tocsin = require('./node/tocsin')
const client = tocsin.create({ counters: ['orders.count'] })

const apps = {
  express () {
    const app = require('express')()
    app.use(client.express())
    app.get('/ok', (request, response) => response.send('fine'))
    app.get('/order', (request, response) => {
      client.increment('orders.count', 2)
      setTimeout(() => response.json({ ordered: true }), 5)
    })
    app.get('/fails', () => { throw new Error('it failed') })
    app.use((error, request, response, next) => response.status(500).send(error.message))
    return app
  },
  koa () {
    const app = new (require('koa'))()
    app.silent = true
    app.use(client.koa())
    app.use(async context => {
      if (context.path === '/fails') throw new Error('it failed')
      if (context.path === '/order') {
        client.increment('orders.count', 2)
        await new Promise(resolve => setTimeout(resolve, 5))
      }
      context.body = 'fine'
    })
    return app
  }
}

const server = apps[process.argv[2]]().listen(0, '127.0.0.1', () => {
  console.log(server.address().port)
})
process.once('SIGTERM', async () => {
  server.close()
  const all = await client.close()
  console.log(JSON.stringify({ all, ...client.stats }))
  process.exit(0)
})
