export { CredentialRoutesModule } from './credential-routes.module.ts';
