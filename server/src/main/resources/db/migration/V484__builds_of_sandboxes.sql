-- The build of its template that a sandbox comes from, or its source did: what the template said then of its user,
-- its folder and its app holds for the sandbox when the template is built anew. Null for built-in templates.
alter table sandboxes add column build_id text;
update sandboxes s set build_id = coalesce(
    (select b.id from sandbox_template_builds b
      where b.template_id = t.id and b.state = 'ready' and b.finished_at <= s.created_at
      order by b.finished_at desc limit 1),
    t.current_build_id)
  from sandbox_templates t where t.id = s.template_id;
create or replace view snapshot_sources with (security_invoker = false) as
  select id, org, name, template_id, auto_start, build_id from sandboxes
  where org = current_setting('atoll.org', true) or current_user = 'atoll_system';
