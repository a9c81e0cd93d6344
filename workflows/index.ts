export { dailyAnchor } from './dailyAnchor';
export { escalation } from './escalation';
export { sentinel } from './sentinel';
