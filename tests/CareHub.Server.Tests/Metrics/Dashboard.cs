using System.Text.Json.Nodes;
using CareHub.Server.Tests.Support;

namespace CareHub.Server.Tests.Metrics;

/// <summary>The queries of a Grafana dashboard that ships, as Grafana would send them.</summary>
internal static class Dashboard
{
    /// <summary>Panels' queries by the panel's title.</summary>
    public static IReadOnlyList<(string Panel, string Query)> Queries(string path, string field)
    {
        var dashboard = Read(path);
        return
        [
            .. from panel in dashboard["panels"]!.AsArray()
               where (string?)panel!["type"] != "row"
               from target in panel["targets"]!.AsArray()
               select ((string)panel["title"]!, Filled((string)target![field]!)),
        ];
    }

    /// <summary>What fills the choices above the panels.</summary>
    public static IReadOnlyList<string> Variables(string path) =>
        [.. Read(path)["templating"]!["list"]!.AsArray().Where(variable => (string?)variable!["type"] == "query").Select(variable => Filled((string)variable!["query"]!))];

    public static JsonNode Read(string path) => JsonNode.Parse(RepositoryFile.Read(path))!;

    /// <summary>With everything chosen, over the last hour.</summary>
    private static string Filled(string query) => query
        .Replace("$timeFilter", "time > now() - 1h", StringComparison.Ordinal)
        .Replace("$__interval", "1m", StringComparison.Ordinal)
        .Replace("$__rate_interval", "5m", StringComparison.Ordinal)
        .Replace("$region", ".*", StringComparison.Ordinal)
        .Replace("$priority", "(critical|high|medium|low)", StringComparison.Ordinal)
        .Replace("$name", ".*", StringComparison.Ordinal)
        .Replace("$device", ".*", StringComparison.Ordinal)
        .Replace("$instance", ".*", StringComparison.Ordinal);
}
