-- Tokens that stand for a key and can do less. The token itself is signed; this row says whether it still counts.
create table tokens (
  id text primary key,
  org text not null references organizations,
  kind text not null check (kind in ('delegation', 'browser')),
  key_id text not null references api_keys on delete cascade,
  -- Who minted it: the key, then each token down to its parent.
  chain text[] not null,
  scopes text[] not null,
  external_user_id text,
  workspace_id text references workspaces on delete cascade,
  -- ids and slugs
  sandboxes text[],
  sandbox_ids text[],
  -- what a browser may do: exec, files, terminal, preview
  abilities text[],
  max_requests int,
  requests int not null default 0,
  version bigint not null default 1,
  created_at timestamptz not null default now(),
  expires_at timestamptz not null,
  revoked_at timestamptz
);
create index tokens_org on tokens (org, id desc);
create index tokens_age on tokens (expires_at);
select atoll_protect('tokens');

alter table tickets add column token_id text references tokens on delete cascade;

-- A token may be confined to a workspace and to sandboxes: then its transactions see and change nothing else, in
-- every table that says to which of them its rows belong. A new row may leave the workspace open; what an event tells
-- is read by the system, which filters it.
create function atoll_condition(name regclass, confine boolean, writing boolean) returns text language plpgsql as $$
declare
  condition text := 'org = current_setting(''atoll.org'', true)';
  sandbox text;
begin
  if confine and exists (select from pg_attribute where attrelid = name and attname = 'external_user_id') then
    condition := condition || ' and (coalesce(current_setting(''atoll.external_user'', true), '''') = '''''
      || ' or external_user_id = current_setting(''atoll.external_user'', true))';
  end if;
  if exists (select from pg_attribute where attrelid = name and attname = 'workspace_id') then
    condition := condition || ' and (coalesce(current_setting(''atoll.workspace'', true), '''') = '''' or '
      || case when writing or name = 'events'::regclass then 'workspace_id is null or ' else '' end
      || 'workspace_id = current_setting(''atoll.workspace'', true))';
  end if;
  if name = 'sandboxes'::regclass then
    sandbox := 'id';
  elsif exists (select from pg_attribute where attrelid = name and attname = 'sandbox_id') then
    sandbox := 'sandbox_id';
  end if;
  if sandbox is not null then
    condition := condition || format(' and (coalesce(current_setting(''atoll.sandboxes'', true), '''') = '''' or '
      || '%I = any(string_to_array(current_setting(''atoll.sandboxes'', true), '','')))', sandbox);
  end if;
  return condition;
end
$$;

create or replace function atoll_protect(name regclass, confine boolean default true) returns void language plpgsql as $$
begin
  execute format('alter table %s enable row level security', name);
  execute format('drop policy if exists tenant on %s', name);
  execute format('drop policy if exists system on %s', name);
  execute format('create policy tenant on %s to atoll_app using (%s) with check (%s)', name,
    atoll_condition(name, confine, false), atoll_condition(name, confine, true));
  execute format('create policy system on %s to atoll_system using (true) with check (true)', name);
  execute format('grant select, insert, update, delete on %s to atoll_app, atoll_system', name);
end
$$;

-- The tables that were protected before. Whether they are confined to end users stays as it is.
do $$
declare
  known record;
  confine boolean;
begin
  for known in select c.oid::regclass as name, pg_get_expr(p.polqual, p.polrelid) as condition
      from pg_policy p join pg_class c on c.oid = p.polrelid where p.polname = 'tenant' loop
    confine := known.condition like '%atoll.external_user%';
    execute format('alter policy tenant on %s using (%s) with check (%s)', known.name,
      atoll_condition(known.name, confine, false), atoll_condition(known.name, confine, true));
  end loop;
end
$$;
