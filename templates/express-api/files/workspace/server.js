import express from 'express';

const app = express();
const port = process.env.PORT || 3000;

app.use(express.json());
app.get('/', (request, response) => response.json({ hello: 'world' }));
app.get('/health', (request, response) => response.json({ status: 'ok' }));
app.listen(port, '0.0.0.0', () => console.log(`listening on ${port}`));
