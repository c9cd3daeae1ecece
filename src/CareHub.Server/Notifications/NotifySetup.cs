using CareHub.Storage.Alarms;

namespace CareHub.Server.Notifications;

internal static class NotifySetup
{
    public static void AddNotifications(this IServiceCollection services, NotifyOptions options)
    {
        services.AddSingleton<AddressBook>().AddSingleton<OutboxBell>().AddSingleton<OutboxStore>().AddSingleton<MessageWriter>().AddSingleton<NotifyCounts>();
        if (options.Webhook is { } webhook)
        {
            services.AddSingleton<INotifyChannel>(provider => new WebhookChannel(webhook, provider.GetRequiredService<TimeProvider>()));
        }

        if (options.Email is { } email)
        {
            services.AddSingleton<INotifyChannel>(new EmailChannel(email));
        }

        if (options.Sms is { } sms)
        {
            services.AddSingleton<INotifyChannel>(_ => new SmsChannel(sms));
        }

        services.AddHostedService<NotificationSender>();
        services.AddHostedService<NotifyWatch>();
    }
}
