-- Whose login or key made a sandbox, which outlives that credential.
alter table sandboxes add column member_id text;
update sandboxes s set member_id = k.user_id from api_keys k
where k.id = s.owner_id and k.user_id is not null;
create index sandboxes_member on sandboxes (org, member_id) where member_id is not null;

alter table budgets drop constraint budgets_scope_check;
alter table budgets add constraint budgets_scope_check check (scope in
  ('organization', 'workspace', 'external_workspace', 'external_user', 'run', 'member'));
alter table quotas drop constraint quotas_scope_check;
alter table quotas add constraint quotas_scope_check check (scope in
  ('organization', 'workspace', 'external_workspace', 'external_user', 'member'));

-- Caps of members are budgets and quotas like those of anybody else.
alter table members drop column usage_cap_cents, drop column max_concurrent_sandboxes;
