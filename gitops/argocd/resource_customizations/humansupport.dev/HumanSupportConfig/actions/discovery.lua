local suspended = obj.spec.suspend == true
local approvable = false
if not suspended and obj.status ~= nil and obj.status.plan ~= nil then
  local plan = obj.status.plan
  local annotations = obj.metadata.annotations or {}
  -- Only held steps wait for an approval, and only a plan of this generation is the one a person has seen.
  approvable = plan.digest ~= nil
    and (plan.held or 0) > 0
    and obj.status.observedGeneration == obj.metadata.generation
    and annotations["humansupport.dev/approve-plan"] ~= plan.digest
end
return {
  ["reconcile"] = { ["disabled"] = suspended },
  ["suspend"] = { ["disabled"] = suspended },
  ["resume"] = { ["disabled"] = not suspended },
  ["approve-plan"] = { ["disabled"] = not approvable },
}
