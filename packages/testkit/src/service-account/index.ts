export { createServiceAccountKubeconfig, type ServiceAccountName } from './kubeconfig.ts';
export { type MetalLbRolesOptions, metalLbRoles } from './metallb-roles.ts';
export { type PolicyRule, permissionLines, type RbacObject } from './rbac-objects.ts';
