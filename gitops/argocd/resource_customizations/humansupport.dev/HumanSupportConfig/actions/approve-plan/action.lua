-- Approves the plan that the status shows, and no later one: the digest covers its held steps.
if obj.metadata.annotations == nil then
  obj.metadata.annotations = {}
end
obj.metadata.annotations["humansupport.dev/approve-plan"] = obj.status.plan.digest
return obj
