-- Templates that organizations make. The built-in ones are files of the program.
create table sandbox_templates (
  id text primary key,
  org text not null references organizations,
  name text not null,
  slug text not null,
  description text,
  metadata jsonb not null default '{}',
  build_spec jsonb not null,
  -- The build whose image sandboxes start from.
  current_build_id text,
  status text not null default 'draft',
  version bigint not null default 1,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  unique (org, slug)
);
select atoll_protect('sandbox_templates');

create table sandbox_template_builds (
  id text primary key,
  org text not null references organizations,
  template_id text not null references sandbox_templates on delete cascade,
  state text not null default 'queued',
  build_spec jsonb not null,
  -- What the node calls the image below: a built-in template, a build, or a reference to a registry.
  base text not null,
  metadata jsonb not null default '{}',
  events jsonb not null default '[]',
  certification jsonb,
  image_id text,
  error_code text,
  error_message text,
  version bigint not null default 1,
  started_at timestamptz,
  finished_at timestamptz,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);
create index sandbox_template_builds_template on sandbox_template_builds (template_id, id);
create index sandbox_template_builds_open on sandbox_template_builds (id)
  where state not in ('ready', 'failed', 'cancelled');
select atoll_protect('sandbox_template_builds');
