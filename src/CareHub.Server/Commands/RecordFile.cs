using System.CommandLine;

namespace CareHub.Server.Commands;

/// <summary>Which alarm record a command reads. Nothing is created and nothing is changed.</summary>
internal static class RecordFile
{
    public static Option<DirectoryInfo?> DataOption() => new("--data") { Description = "The data directory (default: the configured one)." };

    /// <summary>The file, or null with a word on standard error.</summary>
    public static string? Find(DirectoryInfo? data)
    {
        var folder = data?.FullName ?? HubConfiguration.Load(HubConfiguration.CreateBuilder().Configuration)?.DataDirectory;
        if (folder is null)
        {
            return null;
        }

        var file = Path.Combine(Path.GetFullPath(folder), "alarms.db");
        if (File.Exists(file))
        {
            return file;
        }

        Console.Error.WriteLine($"{file} does not exist");
        return null;
    }
}
