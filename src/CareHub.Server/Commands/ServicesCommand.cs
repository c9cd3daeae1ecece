using System.CommandLine;
using CareHub.Server.Ingest;
using CareHub.Storage;
using CareHub.Storage.Registry;

namespace CareHub.Server.Commands;

/// <summary>Programs that use MQTT by explicit grants. A running hub notices.</summary>
internal static class ServicesCommand
{
    public static Command Create()
    {
        var name = new Argument<string>("NAME") { Description = "The MQTT user name." };
        var publish = new Option<string[]>("--publish") { Description = "A topic filter it may publish to; may be given several times." };
        var subscribe = new Option<string[]>("--subscribe") { Description = "A topic filter it may subscribe within; may be given several times." };
        var add = new Command("add", "Add a service account and print its secret, once.") { name, publish, subscribe };
        add.SetAction(parsed => Run((changes, _) => Add(changes, parsed.GetValue(name)!, parsed.GetValue(publish) ?? [], parsed.GetValue(subscribe) ?? [])));
        var remove = new Command("remove", "Remove a service account; its connection ends.") { name };
        remove.SetAction(parsed => Run((changes, _) => Tell(changes.Remove(parsed.GetValue(name)!, CommandLine.Note(null)), _ => $"{parsed.GetValue(name)} removed")));
        var list = new Command("list", "List service accounts and their grants.");
        list.SetAction(_ => Run((_, registry) => List(registry)));
        return new Command("services", "Manage service accounts: bridges, city platforms.") { add, remove, list };
    }

    private static int Run(Func<ServiceChanges, RegistryStore, int> act)
    {
        if (HubConfiguration.Load(HubConfiguration.CreateBuilder().Configuration) is not { } options)
        {
            return CommandLine.Misused;
        }

        var data = DataDirectory.Open(options.DataDirectory);
        var registry = RegistryStore.Open(data);
        return act(new ServiceChanges(registry, new DeviceSecrets(data.DeviceSecretKey())), registry);
    }

    private static int Add(ServiceChanges changes, string name, string[] publish, string[] subscribe)
    {
        var wrong = publish.Concat(subscribe).Select(TopicGrants.Check).OfType<string>().ToList();
        if (publish.Length + subscribe.Length == 0)
        {
            wrong.Add("give at least one --publish or --subscribe: a service may do nothing else");
        }

        foreach (var error in wrong)
        {
            Console.Error.WriteLine(error);
        }

        return wrong.Count > 0 ? CommandLine.Misused : Tell(changes.Add(name, publish, subscribe, CommandLine.Note(null)), secret => $"{name} added; secret (shown once): {secret}");
    }

    private static int List(RegistryStore registry)
    {
        foreach (var service in registry.Load().Services.Values.OrderBy(service => service.Name, StringComparer.Ordinal))
        {
            Console.WriteLine($"{service.Name}  publish: {string.Join(", ", service.PublishFilters)}  subscribe: {string.Join(", ", service.SubscribeFilters)}");
        }

        return CommandLine.Ok;
    }

    private static int Tell(Outcome<string> outcome, Func<string, string> success)
    {
        foreach (var error in outcome.Errors)
        {
            Console.Error.WriteLine(error);
        }

        if (outcome.Value is { } value)
        {
            Console.WriteLine(success(value));
        }

        return outcome.Value is null ? CommandLine.Failed : CommandLine.Ok;
    }
}
