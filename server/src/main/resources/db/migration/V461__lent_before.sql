-- Which variables come of secrets was not always kept, nor told to machines: those that are bound are told once more.
alter table told_changes add column lends boolean not null default false;
insert into told_changes (id, sandbox_id, org, times, env_names, lends, version)
select 'tch_lent_' || s.id, s.id, s.org, false, array_agg(distinct b.expose_as_env), true, s.version
from egress_bindings b join sandboxes s on s.id = b.resource_id and s.org = b.org
where b.resource_type = 'sandbox' and b.expose_as_env is not null and s.state <> 'destroyed'
group by s.id, s.org, s.version;
