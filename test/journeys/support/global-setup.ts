import { startShared } from './shared-platform';

export default startShared;
