export { JobRoutesModule } from './job-routes.module.ts';
