export { AuditRoutesModule } from './audit-routes.module.ts';
