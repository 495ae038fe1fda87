-- What a template made in an environment of a project. A row is there before the resource is: its key makes the
-- creation happen once, whoever tries again.
create table project_template_items (
  org text not null references organizations,
  project_id text not null references projects on delete cascade,
  environment_id text not null references project_environments on delete cascade,
  template text not null,
  kind text not null check (kind in ('volume', 'sandbox', 'deployment')),
  name text not null,
  request_key text not null,
  resource_id text,
  created_at timestamptz not null default now(),
  primary key (environment_id, template, kind, name)
);
select atoll_protect('project_template_items');
