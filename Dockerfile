# One image for provisioning, worker and API; the command says which.
# glibc, since the Temporal SDK ships no binary for musl.
ARG NODE_IMAGE=node:20.20.2-bookworm-slim

FROM ${NODE_IMAGE} AS build
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
# Not `npm ci`: it refuses a lock file without the optional binaries of other platforms.
RUN npm install --no-save
COPY . .
RUN node dev/build.mjs && npm prune --omit=dev

FROM ${NODE_IMAGE}
# Certificates for TLS to Temporal, whose client reads the system's; tini hands signals on and reaps.
RUN apt-get update \
  && apt-get install -y --no-install-recommends ca-certificates tini \
  && rm -rf /var/lib/apt/lists/*
ENV NODE_ENV=production
WORKDIR /app
# Owned by root: the process cannot change its own code, and writes nothing but to its output.
COPY --from=build /app/package.json ./
COPY --from=build /app/node_modules ./node_modules
COPY --from=build /app/dist ./dist
COPY deploy/healthcheck.mjs ./deploy/
USER node
EXPOSE 8080 9464
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s --retries=3 CMD ["node", "deploy/healthcheck.mjs"]
ENTRYPOINT ["tini", "--", "node", "--enable-source-maps"]
CMD ["dist/api/main.js"]
