namespace CareHub.Server.Api;

/// <summary>RFC 9457 problem details with a stable code.</summary>
internal static class Problems
{
    public static IResult Of(int status, string code, string title, string? detail = null, IReadOnlyDictionary<string, object?>? more = null)
    {
        var extensions = new Dictionary<string, object?>(StringComparer.Ordinal) { ["code"] = code };
        foreach (var (key, value) in more ?? new Dictionary<string, object?>(StringComparer.Ordinal))
        {
            extensions[key] = value;
        }

        return Results.Problem(detail, statusCode: status, title: title, extensions: extensions);
    }

    public static IResult NotFound(string what) => Of(StatusCodes.Status404NotFound, "not_found", $"{what} does not exist, or is outside your region");

    public static IResult Invalid(params string[] errors) =>
        Of(StatusCodes.Status422UnprocessableEntity, "invalid", "The request is not valid", string.Join("; ", errors), new Dictionary<string, object?>(StringComparer.Ordinal) { ["errors"] = errors });
}
