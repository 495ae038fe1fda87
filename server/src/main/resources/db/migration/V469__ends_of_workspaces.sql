-- Keeps the workspace, and the project where one is named, from being deleted until the end of the transaction, which
-- stores something that belongs to them. It stands between the row and its owners where no foreign key can: what has
-- ended outlives its workspace. Whoever creates need not be able to change what it creates in, so row security does
-- not ask. The defaults of an organization, where nearly everything is created, are never deleted: they are only read.
create function hold_place(of_org text, of_workspace text, of_project text) returns void
  language plpgsql security definer set search_path from current as $$
begin
  perform from workspaces w join projects p on p.workspace_id = w.id
    where w.id = of_workspace and w.org = of_org and w.is_default
      and p.id = of_project and p.org = of_org and p.is_default;
  if found then
    return;
  end if;
  -- The workspace first, as its own deletion does.
  perform from workspaces w where w.id = of_workspace and w.org = of_org for key share;
  if not found then
    raise exception using errcode = 'AT001', message = of_workspace;
  end if;
  if of_project is not null then
    perform from projects p
      where p.id = of_project and p.org = of_org and p.workspace_id = of_workspace for key share;
    if not found then
      raise exception using errcode = 'AT002', message = of_project;
    end if;
  end if;
end
$$;
revoke all on function hold_place(text, text, text) from public;
grant execute on function hold_place(text, text, text) to atoll_app, atoll_system;

-- What was bound to workspaces that had been deleted stayed.
delete from quotas q where q.scope = 'workspace' and not exists (select from workspaces w where w.id = q.scope_id);
delete from budgets b where b.scope = 'workspace' and not exists (select from workspaces w where w.id = b.scope_id);
delete from policies p where p.tier = 'workspace' and not exists (select from workspaces w where w.id = p.subject);
delete from egress_bindings e
  where e.resource_type = 'workspace' and not exists (select from workspaces w where w.id = e.resource_id);
delete from egress_rules e
  where e.resource_type = 'workspace' and not exists (select from workspaces w where w.id = e.resource_id);
delete from egress_policies e
  where e.resource_type = 'workspace' and not exists (select from workspaces w where w.id = e.resource_id);
