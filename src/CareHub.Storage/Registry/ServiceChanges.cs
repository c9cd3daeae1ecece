namespace CareHub.Storage.Registry;

/// <summary>Adds and removes service accounts, each with its entry in the timeline.</summary>
internal sealed class ServiceChanges(RegistryStore store, DeviceSecrets secrets)
{
    /// <summary>Adds a service and returns its secret.</summary>
    public Outcome<string> Add(string name, IReadOnlyList<string> publish, IReadOnlyList<string> subscribe, ChangeNote note)
    {
        if (!DeviceImport.IsId(name, DeviceImport.DeviceIdCharsMax))
        {
            return Outcome<string>.Wrong($"the name must be 1–{DeviceImport.DeviceIdCharsMax} letters, digits, '.', '_', ':' or '-'");
        }

        using var context = store.CreateContext();
        using var transaction = context.Database.BeginTransaction();
        if (context.Services.Find(name) is not null || context.Devices.Find(name) is not null || HubSite.IsPart(name))
        {
            return Outcome<string>.Wrong($"'{name}' is taken");
        }

        var secret = DeviceSecrets.Generate();
        context.Services.Add(new ServiceRow
        {
            Name = name, SecretHash = secrets.Hash(secret), PublishFilters = string.Join('\n', publish), SubscribeFilters = string.Join('\n', subscribe),
        });
        var grants = string.Join(", ", publish.Select(filter => $"publish {filter}").Concat(subscribe.Select(filter => $"subscribe {filter}")));
        new RegistryTimeline(context).Append(RegistryEvent.ServiceAdded, name, note.Author, note.At, grants);
        context.SaveChanges();
        transaction.Commit();
        return Outcome<string>.Of(secret);
    }

    public Outcome<string> Remove(string name, ChangeNote note)
    {
        using var context = store.CreateContext();
        using var transaction = context.Database.BeginTransaction();
        if (context.Services.Find(name) is not { } service)
        {
            return Outcome<string>.Wrong($"there is no service '{name}'");
        }

        context.Services.Remove(service);
        new RegistryTimeline(context).Append(RegistryEvent.ServiceRemoved, name, note.Author, note.At, note.Reason);
        context.SaveChanges();
        transaction.Commit();
        return Outcome<string>.Of(name);
    }
}
