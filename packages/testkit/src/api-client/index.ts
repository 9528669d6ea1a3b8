export {
  type ApiAccess,
  type ApiClient,
  type ApiError,
  type ApiRequestOptions,
  createApiClient,
} from './api-client.ts';
export { type ListedObject, type ListWatch, watchList } from './watch-list.ts';
