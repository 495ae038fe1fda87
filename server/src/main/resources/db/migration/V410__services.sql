-- Commands that a sandbox keeps running. Whether one should run, the row says; whether it does, the sandbox.
create table sandbox_services (
  id text primary key,
  org text not null,
  sandbox_id text not null references sandboxes on delete cascade,
  name text not null,
  command text not null,
  port int,
  env bytea,
  working_dir text,
  restart_policy text not null,
  wanted boolean not null default true,
  version bigint not null default 1,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  unique (sandbox_id, name)
);
select atoll_protect('sandbox_services');
