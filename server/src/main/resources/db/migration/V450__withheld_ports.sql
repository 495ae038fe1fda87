-- A port that is private or closed is no more open in what begins with the files of its sandbox: it needs a token
-- there until somebody opens it. One whose preview was to end still ends.
create table withheld_ports (
  sandbox_id text not null references sandboxes on delete cascade,
  org text not null,
  port int not null,
  -- Null: it needs a token from the beginning. Else it is open until then.
  closes_at timestamptz,
  created_at timestamptz not null default now(),
  primary key (sandbox_id, port)
);
select atoll_protect('withheld_ports');

-- Kept beside snapshots like environment and egress.
alter table kept_env add column ports jsonb;

-- Beside snapshots of before: what holds now.
with said as (
  select sandbox_id, port, created_at, visibility = 'private' as private, least(deleted_at, expires_at) as ended
  from previews
), ports as (
  select sandbox_id, port,
    bool_or(coalesce(ended > now(), true)) as live,
    bool_or(private and coalesce(ended > now(), true)) as private_live,
    max(created_at) filter (where not private and coalesce(ended > now(), true)) as published,
    max(ended) filter (where ended <= now()) as ended,
    max(ended) filter (where private and ended <= now()) as private_ended
  from said group by sandbox_id, port
), withheld as (
  select p.sandbox_id, p.port
  from ports p left join exposed_ports e on e.sandbox_id = p.sandbox_id and e.port = p.port
  where p.private_live
    or (not p.live and coalesce(e.opened_at <= p.ended, true))
    or (p.live and coalesce(p.published <= p.private_ended, false)
      and coalesce(e.opened_at <= p.private_ended, true))
  union
  select sandbox_id, 9222 from browser_epochs
)
insert into kept_env (snapshot_id, org, ports)
select n.id, n.org, jsonb_agg(jsonb_build_object('port', w.port, 'fromUnixMs', 0) order by w.port)
from snapshots n join withheld w on w.sandbox_id = n.sandbox_id
where n.status <> 'deleted'
group by n.id, n.org
on conflict (snapshot_id) do update set ports = excluded.ports;
