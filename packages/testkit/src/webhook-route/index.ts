export { type EndpointRoutes, openEndpointRoutes } from './endpoint-routes.ts';
export { serveWebhooksFrom, type WebhookEndpoint } from './serve-webhooks.ts';
