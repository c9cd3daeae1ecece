namespace CareHub.Server.Tests.Support;

/// <summary>Files of the repository that are held against a running hub.</summary>
internal static class RepositoryFile
{
    public static string PathOf(string path)
    {
        var directory = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(directory!.FullName, "CareHub.sln")))
        {
            directory = directory.Parent;
        }

        return Path.Combine(directory.FullName, path);
    }

    public static string Read(string path) => File.ReadAllText(PathOf(path));

    /// <summary>The rows of all tables of a document, cell by cell, without their headings.</summary>
    public static IEnumerable<string[]> TableRows(string path) => Read(path).Split('\n')
        .Where(line => line.StartsWith("| `", StringComparison.Ordinal))
        .Select(line => line.Trim().Trim('|').Split('|', StringSplitOptions.TrimEntries));
}
