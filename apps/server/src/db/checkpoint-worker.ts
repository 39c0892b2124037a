// Copies the write-ahead log into the database in a thread of its own. One message in, one out.
import { parentPort, workerData } from 'node:worker_threads';
import Sqlite from 'better-sqlite3';

const sqlite = new Sqlite(String(workerData));
// Passive: it takes what no reader needs any more and never makes the writer wait.
const checkpoint = sqlite.prepare('pragma wal_checkpoint(passive)');
parentPort?.on('message', () => {
  checkpoint.all();
  parentPort?.postMessage('done');
});
