namespace CareHub.Architecture.Tests;

internal static class Repository
{
    public static string Root { get; } = Find(AppContext.BaseDirectory);

    private static string Find(string folder) =>
        File.Exists(Path.Combine(folder, "CareHub.sln")) ? folder : Find(Path.GetDirectoryName(folder) ?? throw new InvalidOperationException("CareHub.sln is above none of the test's folders."));
}
