-- A custom domain belongs to the workspace of its deployment, and moves with it; one without a deployment to that of the
-- credential that registered it, or to the organization.
alter table custom_domains add column workspace_id text;

update custom_domains c set workspace_id = d.workspace_id from deployments d where d.id = c.deployment_id;

alter table deployments add constraint deployments_place unique (id, workspace_id);
alter table custom_domains add constraint custom_domains_place foreign key (deployment_id, workspace_id)
  references deployments (id, workspace_id) on update cascade on delete cascade;

select atoll_protect('custom_domains');
