// Exit 0 when the address answers 200. Without an argument: the API of this container.
const [url = 'http://127.0.0.1:8080/healthz'] = process.argv.slice(2);
try {
  const { ok } = await fetch(url, { signal: AbortSignal.timeout(4000) });
  process.exitCode = ok ? 0 : 1;
} catch {
  process.exitCode = 1;
}
