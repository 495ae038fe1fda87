-- What snapshots tell of their sandboxes. Whoever sees a snapshot may not see its sandbox, which may be in another
-- workspace than the snapshot by now: the view reads with the rights of its owner, and row security of the snapshots
-- that it is joined to says who is told.
create view snapshot_sources with (security_invoker = false) as
  select id, org, name, template_id, auto_start from sandboxes
  where org = current_setting('atoll.org', true) or current_user = 'atoll_system';
revoke all on snapshot_sources from public;
grant select on snapshot_sources to atoll_app, atoll_system;
