import { OpenAPIRegistry, OpenApiGeneratorV31, type ResponseConfig } from '@asteasolutions/zod-to-openapi';
import { FAILURES } from '../contracts/failures';
import type { Route } from './route';

const INTRODUCTION = `Oversight between clinical-trial sponsors and their CROs.

- **People** sign in with \`POST /api/v1/sessions\`: keep the cookie, and send the answer's \`csrfToken\` as \`X-CSRF-Token\` with everything but GET.
- **Machines** send \`Authorization: Bearer …\` with a token from \`POST /api/v1/tokens\`; its scopes bound what it may do.
- **Acts** on an issue need an \`Idempotency-Key\` of your choice: the same key again gets the first answer and does nothing twice. \`If-Match\` with the revision is optional.
- **202** means stored: the act runs as soon as the engine answers; its answer will be at \`Location\`.
- **Errors** are \`application/problem+json\`: \`type\` tells machines what, \`detail\` tells people why, \`instance\` finds it in the logs.
- All instants are UTC (ISO 8601).`;

/** The OpenAPI 3.1 document of these routes, from the schemas that validate them. */
export function openApiDocument(routes: readonly Route[], version: string) {
  const registry = new OpenAPIRegistry();
  const session = registry.registerComponent('securitySchemes', 'session', {
    type: 'apiKey', in: 'cookie', name: 'session', description: 'Unsafe methods also need the X-CSRF-Token that the session was opened with.',
  });
  const csrf = registry.registerComponent('securitySchemes', 'csrf', { type: 'apiKey', in: 'header', name: 'X-CSRF-Token', description: 'The `csrfToken` that came with the session.' });
  const token = registry.registerComponent('securitySchemes', 'token', { type: 'http', scheme: 'bearer' });
  const problem = registry.registerComponent('schemas', 'Problem', {
    type: 'object',
    required: ['type', 'title', 'status', 'detail', 'instance'],
    properties: {
      type: { type: 'string', enum: Object.keys(FAILURES).map((type) => `/problems/${type}`) },
      title: { type: 'string' },
      status: { type: 'integer' },
      detail: { type: 'string' },
      instance: { type: 'string', description: 'Correlation id of the request.' },
      errors: { type: 'array', items: { type: 'object', required: ['field', 'message'], properties: { field: { type: 'string' }, message: { type: 'string' } } } },
    },
  });
  for (const route of routes) registry.registerPath(pathOf(route, { session, csrf, token, problem }));
  return new OpenApiGeneratorV31(registry.definitions).generateDocument({
    openapi: '3.1.0',
    info: { title: 'cro-oversight', version, description: INTRODUCTION },
    servers: [{ url: '/' }],
  });
}

interface Named { readonly name: string; readonly ref: { readonly $ref: string } }

function pathOf(route: Route, parts: { session: Named; csrf: Named; token: Named; problem: Named }) {
  const responses: Record<string, ResponseConfig> = {
    default: { description: 'A problem of the catalogue.', content: { 'application/problem+json': { schema: parts.problem.ref } } },
  };
  for (const [status, { description, schema, contentType, otherTypes = {} }] of Object.entries(route.answers)) {
    const others = Object.fromEntries(Object.entries(otherTypes).map(([type, other]) => [type, { schema: other }]));
    responses[status] = { description, ...(schema && { content: { [contentType ?? 'application/json']: { schema }, ...others } }) };
  }
  const { params, query, headers } = route.schemas;
  const body = route.schemas.body ?? route.rawBody;
  return {
    method: route.method,
    path: route.path,
    operationId: operationIdOf(route),
    summary: route.summary,
    description: route.access === 'signed_in' ? `Token scope: \`${route.scope}\`.` : 'No sign-in needed.',
    tags: [...route.tags],
    security: route.access === 'signed_in' ? [{ [parts.session.name]: [], ...(route.method !== 'get' && { [parts.csrf.name]: [] }) }, { [parts.token.name]: [] }] : [],
    request: {
      ...(params && { params }), ...(query && { query }), ...(headers && { headers }),
      ...(body && { body: { required: !body.safeParse({}).success, content: { [route.bodyType]: { schema: body } } } }),
    },
    responses,
  };
}

function operationIdOf(route: Route): string {
  const words = route.path.replace('/api/v1', '').split(/[^A-Za-z0-9]+/).filter(Boolean);
  const isPage = route.answers[200]?.contentType === 'text/html';
  return [route.method, ...words.map((word) => word.charAt(0).toUpperCase() + word.slice(1)), ...(isPage ? ['Page'] : [])].join('');
}
