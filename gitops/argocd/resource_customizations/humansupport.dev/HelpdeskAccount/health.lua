-- Health of an account: the script of a store, which has the conditions Live and Drifted besides. Without the string library, which Argo CD does not load for customizations of users.
-- A resource that is being deleted never gets here: Argo CD itself says `Progressing`, "Pending deletion".
local ready, live, reconciling, stalled, drifted
if obj.status ~= nil and obj.status.conditions ~= nil then
  for _, condition in ipairs(obj.status.conditions) do
    if condition.type == "Ready" then ready = condition end
    if condition.type == "Live" then live = condition end
    if condition.type == "Drifted" and condition.status == "True" then drifted = condition end
    if condition.type == "Reconciling" and condition.status == "True" then reconciling = condition end
    if condition.type == "Stalled" and condition.status == "True" then stalled = condition end
  end
end

-- What the condition says, then what differs, and last whether a customer can reach a person now.
local function message(condition)
  local text = condition.reason .. ": " .. condition.message
  if drifted ~= nil then
    text = text .. ". Drifted: " .. drifted.message
  end
  if live ~= nil then
    text = text .. ". Live: " .. live.message
  end
  return text
end

if obj.spec.suspend == true then
  if ready ~= nil then
    return { status = "Suspended", message = "suspended; when it was, " .. message(ready) }
  end
  return { status = "Suspended", message = "suspended" }
end
if obj.status == nil or obj.status.observedGeneration ~= obj.metadata.generation then
  return { status = "Progressing", message = "the operator has not yet seen this generation" }
end
if stalled ~= nil then
  return { status = "Degraded", message = message(stalled) }
end
if reconciling ~= nil then
  return { status = "Progressing", message = message(reconciling) }
end
if ready ~= nil and ready.status == "True" then
  return { status = "Healthy", message = message(ready) }
end
if ready ~= nil and ready.status == "False" then
  return { status = "Degraded", message = message(ready) }
end
return { status = "Progressing", message = "the operator has not yet said whether it is Ready" }
