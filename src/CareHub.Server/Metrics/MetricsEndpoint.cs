using System.Security.Cryptography;
using System.Text;
using CareHub.Server.Api;
using CareHub.Server.Configuration;
using CareHub.Server.Metrics.Scrape;

namespace CareHub.Server.Metrics;

/// <summary>
/// <c>/metrics</c> for Prometheus, to whoever has the token. Not to a signed-in console: what it tells crosses all regions.
/// </summary>
/// <remarks>A token is 256 random bits: nobody guesses it, so a plain hash is enough and attempts need no throttle.</remarks>
internal static class MetricsEndpoint
{
    private const string Scheme = "Bearer ";

    public static void Map(WebApplication web) => web.MapGet("/metrics", Scrape).AllowAnonymous().ExcludeFromDescription();

    private static IResult Scrape(HttpRequest request, HubOptions options, MetricsCollector collector)
    {
        if (options.Metrics.TokenSha256 is not { Length: > 0 } hash)
        {
            return Problems.NotFound("/metrics (CareHub:Metrics:TokenSha256 is not configured)");
        }

        if (!IsGood(request.Headers.Authorization.ToString(), Convert.FromHexString(hash)))
        {
            request.HttpContext.Response.Headers.WWWAuthenticate = "Bearer";
            return Results.Unauthorized();
        }

        return Results.Text(collector.Scrape(), PrometheusText.ContentType);
    }

    private static bool IsGood(string authorization, byte[] hash) =>
        authorization.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase)
        && CryptographicOperations.FixedTimeEquals(SHA256.HashData(Encoding.UTF8.GetBytes(authorization[Scheme.Length..].Trim())), hash);
}
