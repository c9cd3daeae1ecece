using CareHub.Server.Configuration;
using CareHub.Server.Rules;

namespace CareHub.Server.Commands;

/// <summary>Reads and validates configuration for every subcommand: appsettings.json, then the environment.</summary>
internal static class HubConfiguration
{
    private const string Page = "index.html";
    private const string DefaultUrl = "http://127.0.0.1:8080";

    public static WebApplicationBuilder CreateBuilder()
    {
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions
        {
            // Nothing here is read twice, so nobody needs a watch over appsettings.json.
            Args = ["--hostBuilder:reloadConfigOnChange=false"],

            // Configuration and pages belong to the program, wherever it is started from.
            ContentRootPath = AppContext.BaseDirectory,
            WebRootPath = FindWebRoot(),
        });
        if (string.IsNullOrEmpty(builder.Configuration[WebHostDefaults.ServerUrlsKey]) && string.IsNullOrEmpty(builder.Configuration["http_ports"]))
        {
            builder.WebHost.UseUrls(DefaultUrl);
        }

        return builder;
    }

    /// <summary>The options, or every error on standard error and null.</summary>
    /// <param name="withRules">Whether the triage rules are needed, and their errors are errors.</param>
    public static HubOptions? Load(IConfiguration configuration, bool withRules = false)
    {
        var errors = new List<string>();
        var options = new HubOptions();
        try
        {
            configuration.GetSection(HubOptions.Section).Bind(options, binder => binder.ErrorOnUnknownConfiguration = true);
        }
        catch (InvalidOperationException failure)
        {
            errors.Add(failure.InnerException is null ? failure.Message : $"{failure.Message} {failure.InnerException.Message}");
        }

        errors.AddRange(options.Validate());
        if (withRules && errors.Count == 0)
        {
            // The rules are configuration too, and a person wants to hear of all their errors at once.
            var rules = RuleView.FileOf(options, options.DataDirectory);
            var ruleErrors = new List<string>();
            RuleView.Read(rules, TimeZoneInfo.FindSystemTimeZoneById(options.TimeZone), ruleErrors);
            errors.AddRange(ruleErrors.Select(error => $"{rules}: {error}"));
        }

        foreach (var error in errors)
        {
            Console.Error.WriteLine($"configuration: {error}");
        }

        return errors.Count == 0 ? options : null;
    }

    /// <summary>Beside the program when published; in the project folder when run from its build output. A folder without the page is none: a start before the first build of the console leaves an empty one behind.</summary>
    private static string FindWebRoot()
    {
        var published = Path.Combine(AppContext.BaseDirectory, "wwwroot");
        var project = Path.GetFullPath(Path.Combine(AppContext.BaseDirectory, "..", "..", "..", "wwwroot"));
        return !File.Exists(Path.Combine(published, Page)) && File.Exists(Path.Combine(project, Page)) ? project : published;
    }
}
