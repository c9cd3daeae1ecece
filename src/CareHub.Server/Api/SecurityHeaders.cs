namespace CareHub.Server.Api;

/// <summary>What a browser is told about every page: only the hub's own code runs, in nobody's frame.</summary>
internal static class SecurityHeaders
{
    private const string ContentPolicy =
        "default-src 'self'; connect-src 'self' ws: wss:; style-src 'self' 'unsafe-inline'; img-src 'self' data:; frame-ancestors 'none'; base-uri 'self'; form-action 'self'";

    public static Task Add(HttpContext context, Func<Task> next)
    {
        var headers = context.Response.Headers;
        headers.ContentSecurityPolicy = ContentPolicy;
        headers.XContentTypeOptions = "nosniff";
        headers["Referrer-Policy"] = "no-referrer";

        // Nothing about people stays in a shared workstation's cache. The page is asked for anew each time, so that an
        // upgraded hub never meets yesterday's console; its assets carry their content's hash in their names.
        headers.CacheControl = context.Request.Path.StartsWithSegments("/api") ? "no-store"
            : context.Request.Path.StartsWithSegments("/assets") ? "public, max-age=31536000, immutable"
            : "no-cache";

        return next();
    }
}
