export { capa } from './capa';
export { control } from './control';
export { dailyAnchor } from './dailyAnchor';
export { deliverHeld } from './deliverHeld';
export { drill } from './drill';
export { escalation } from './escalation';
export { expireUploads } from './expireUploads';
export { sentinel } from './sentinel';
