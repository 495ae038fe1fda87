create table previews (
  id text primary key,
  org text not null,
  sandbox_id text not null references sandboxes on delete cascade,
  name text,
  port int not null,
  visibility text not null,
  owner_id text,
  expires_at timestamptz,
  deleted_at timestamptz,
  metadata jsonb not null default '{}',
  external_workspace_id text,
  external_user_id text,
  external_project_id text,
  version bigint not null default 1,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);
create index previews_sandbox on previews (sandbox_id);
select atoll_protect('previews');

-- Ports that answer although they listen on 127.0.0.1 only.
create table exposed_ports (
  sandbox_id text not null references sandboxes on delete cascade,
  org text not null,
  port int not null,
  created_at timestamptz not null default now(),
  primary key (sandbox_id, port)
);
select atoll_protect('exposed_ports');

-- What opens a private port in a browser. Only a hash is kept.
create table preview_tokens (
  id text primary key,
  org text not null,
  hash bytea not null unique,
  prefix text not null,
  kind text not null,
  sandbox_id text not null references sandboxes on delete cascade,
  preview_id text references previews on delete cascade,
  -- Null: every port.
  port int,
  scope text not null,
  external_user_id text,
  expires_at timestamptz,
  revoked_at timestamptz,
  created_at timestamptz not null default now()
);
create index preview_tokens_sandbox on preview_tokens (sandbox_id);
create index preview_tokens_preview on preview_tokens (preview_id);
select atoll_protect('preview_tokens');
