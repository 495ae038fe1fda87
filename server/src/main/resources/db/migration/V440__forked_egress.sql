-- What of egress held for a sandbox itself goes along with its forks, and is kept beside its snapshots like
-- its environment.
alter table kept_env alter column env drop not null, add column egress jsonb;

-- Written for a fork, not by a caller: no part of what callers may have, and swept with the sandbox.
alter table egress_policies add column copied boolean not null default false;
alter table egress_rules add column copied boolean not null default false;

-- Beside snapshots of before: what holds now.
insert into kept_env (snapshot_id, org, egress)
select n.id, n.org, jsonb_build_object(
    'policy', case when p.id is not null then jsonb_build_object(
        'name', p.name, 'description', p.description, 'enforce', p.mode = 'enforce',
        'defaultAllow', p.default_effect = 'allow') end,
    'rules', coalesce(
        (select jsonb_agg(jsonb_build_object(
            'part', r.policy_id is not null, 'allow', r.effect = 'allow', 'host', r.host,
            'methods', to_jsonb(r.methods), 'pathGlob', r.path_glob, 'note', r.note,
            'ports', to_jsonb(r.ports), 'position', r.position))
          from egress_rules r
          where r.org = n.org and r.resource_type = 'sandbox' and r.resource_id = n.sandbox_id
            and (r.policy_id is null or r.policy_id = p.id)),
        '[]'::jsonb))
from snapshots n
left join lateral (
  select * from egress_policies e
  where e.org = n.org and e.resource_type = 'sandbox' and e.resource_id = n.sandbox_id
  order by e.id desc limit 1) p on true
where n.status <> 'deleted'
  and (p.id is not null or exists (
    select from egress_rules r
    where r.org = n.org and r.resource_type = 'sandbox' and r.resource_id = n.sandbox_id))
on conflict (snapshot_id) do update set egress = excluded.egress;
