using System.CommandLine;
using CareHub.Storage;
using CareHub.Storage.Registry;

namespace CareHub.Server.Commands;

internal static class DevicesCommand
{
    public static Command Create()
    {
        var file = new Argument<FileInfo>("FILE") { Description = "CSV with the columns device_id,kind,site_id,secret." };
        var import = new Command("import", "Register devices from a CSV file; devices that exist are updated. A running hub notices.") { file };
        import.SetAction(parsed => Import(parsed.GetValue(file)!));
        return new Command("devices", "Manage devices.") { import };
    }

    private static int Import(FileInfo file)
    {
        if (HubConfiguration.Load(HubConfiguration.CreateBuilder().Configuration) is not { } options)
        {
            return CommandLine.Misused;
        }

        if (!file.Exists)
        {
            Console.Error.WriteLine($"{file.FullName} does not exist");
            return CommandLine.Misused;
        }

        var data = DataDirectory.Open(options.DataDirectory);
        using var csv = file.OpenText();
        var report = DeviceImport.Run(RegistryStore.Open(data), new DeviceSecrets(data.DeviceSecretKey()), csv, CommandLine.Note($"import of {file.Name}"));
        foreach (var note in report.Notes)
        {
            Console.WriteLine($"note: {note}");
        }

        foreach (var problem in report.Problems)
        {
            Console.Error.WriteLine($"{file.Name}: {problem}");
        }

        Console.WriteLine($"{report.Added} devices added, {report.Updated} updated, {report.Problems.Count} rows left out");
        return report.Problems.Count == 0 ? CommandLine.Ok : CommandLine.Failed;
    }
}
