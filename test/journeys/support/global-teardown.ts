import { stopShared } from './shared-platform';

export default stopShared;
