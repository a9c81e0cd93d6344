import { randomUUID } from 'node:crypto';
import express, { type Express, type Request, type RequestHandler } from 'express';
import helmet from 'helmet';
import { pinoHttp } from 'pino-http';
import { Failure, FAILURES } from '../contracts/failures';
import { HOOKS_PATH } from '../contracts/hooks';
import { csvBodies } from './csv';
import type { ApiDeps } from './deps';
import { createDoorkeeper } from './doorkeeper';
import { octetBodies } from './octets';
import { keepBytes, receivedBody } from './hooks/rawBody';
import { invalid, problemHandler } from './problem';
import { mount, type Route } from './route';
import { allRoutes } from './routes';

const BODY_LIMIT = '256kb';

/** The HTTP application. No CORS: the console comes from here. */
export function createApp(deps: ApiDeps, routes: readonly Route[] = allRoutes(deps)): Express {
  const app = express();
  app.disable('x-powered-by').disable('etag').set('query parser', 'simple').set('case sensitive routing', true)
    .set('trust proxy', [...deps.settings.trustedProxies ?? []]);
  app.use(correlate, securityHeaders(deps.settings.publicUrl), requestLog(deps), measured(deps));
  app.use(HOOKS_PATH, keepBytes);
  app.use(csvBodies(routes));
  app.use(onlyJson(octetBodies(routes)), express.json({ limit: BODY_LIMIT, strict: true }));
  app.use(mount(routes, createDoorkeeper(deps)));
  app.use(() => {
    throw new Failure('not_found', FAILURES.not_found.meaning);
  });
  app.use(problemHandler(deps.logger));
  return app;
}

/** A caller's correlation id is kept when it is harmless; it names the request in logs, audit and answers. */
const correlate: RequestHandler = (req, res, next) => {
  const given = req.headers['x-correlation-id'];
  const correlationId = typeof given === 'string' && /^[\w-]{8,64}$/.test(given) ? given : randomUUID();
  res.locals.correlationId = correlationId;
  res.setHeader('X-Correlation-Id', correlationId);
  // Answers are about people and records; no cache keeps them.
  res.setHeader('Cache-Control', 'no-store');
  next();
};

function securityHeaders(publicUrl: string): RequestHandler {
  return helmet({
    contentSecurityPolicy: { useDefaults: false, directives: { defaultSrc: ["'none'"], frameAncestors: ["'none'"], baseUri: ["'none'"], formAction: ["'none'"] } },
    referrerPolicy: { policy: 'no-referrer' },
    strictTransportSecurity: publicUrl.startsWith('https:'),
  });
}

/** Method, path and outcome; never headers, bodies or queries. */
function requestLog({ logger }: ApiDeps): RequestHandler {
  return pinoHttp({
    logger,
    genReqId: (_req, res) => String(res.getHeader('X-Correlation-Id')),
    autoLogging: { ignore: (req) => ['/healthz', '/readyz', '/metrics'].includes(req.url) },
    customLogLevel: (_req, res, error) => (error || res.statusCode >= 500 ? 'error' : 'info'),
    serializers: {
      req: (req: { id: unknown; method: string; url: string }) => ({ id: req.id, method: req.method, path: req.url.split('?')[0] }),
      res: (res: { statusCode: number }) => ({ status: res.statusCode }),
    },
  });
}

function measured({ metrics }: ApiDeps): RequestHandler {
  return (req, res, next) => {
    const end = metrics.httpSeconds.startTimer();
    res.on('finish', () => {
      end({ method: req.method, route: typeof res.locals.route === 'string' ? res.locals.route : 'unknown', status: String(res.statusCode) });
    });
    next();
  };
}

/** A form or a text is not a request with an empty body: it is refused. */
const onlyJson = (takesOctets: (req: Request) => boolean): RequestHandler => (req, _res, next) => {
  if (takesOctets(req)) {
    next();
    return;
  }
  const hasBody = req.headers['transfer-encoding'] !== undefined || Number(req.headers['content-length'] ?? 0) > 0;
  if (hasBody && !receivedBody(req) && typeof req.body !== 'string' && !req.is('application/json')) throw invalid([{ field: 'Content-Type', message: 'must be application/json' }]);
  next();
};
