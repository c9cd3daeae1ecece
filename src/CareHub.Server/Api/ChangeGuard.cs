namespace CareHub.Server.Api;

/// <summary>A request that changes something carries a header that a foreign page cannot set.</summary>
internal static class ChangeGuard
{
    public const string Header = "X-CareHub";

    public static async ValueTask<object?> Check(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        var request = context.HttpContext.Request;
        if (HttpMethods.IsGet(request.Method) || HttpMethods.IsHead(request.Method) || request.Headers.ContainsKey(Header))
        {
            return await next(context);
        }

        return Problems.Of(StatusCodes.Status400BadRequest, "header_missing", $"A request that changes something must carry the header {Header}: 1");
    }
}
