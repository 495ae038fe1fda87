-- What a project is called, for views of what is in it: whoever sees a resource may not see the project, which may be
-- that of another end user.
create function project_labels(of_project text) returns table (id text, slug text, name text)
  language sql stable security definer set search_path from current rows 1 as $$
  select p.id, p.slug, p.name from projects p where p.id = of_project
$$;
revoke all on function project_labels(text) from public;
grant execute on function project_labels(text) to atoll_app, atoll_system;
