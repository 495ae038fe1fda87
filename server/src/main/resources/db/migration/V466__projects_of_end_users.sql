-- The end user of a project came after its policy: a key of one end user saw and changed the projects of all. Now
-- such a key changes its own. Those without an end user, as the default ones, are of the organization: it sees them
-- and creates in them.
select atoll_protect('projects');
do $$
begin
  execute format('create policy shared on projects for select to atoll_app using (external_user_id is null and %s)',
    atoll_condition('projects', false, false));
end
$$;
