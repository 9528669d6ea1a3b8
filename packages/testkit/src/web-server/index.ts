export { startWebServer, type WebServerOptions } from './start.ts';
