//! Portuguese: the sheet of a store with `language: pt`, in the words of the product's own articles.

use super::{Label, StepText};
use crate::api::config_status::StepOwner;
use crate::model::StepName;

table! {
    /// What a step says.
    fn step(StepName) -> StepText {
        IntegrateWhatsApp => StepText::new(
            "Integrar o número de WhatsApp",
            "os clientes escrevem para este número; o atendimento humano só é configurado depois da integração",
            "integre o número ao WhatsApp Business (uma conta do Meta Business Manager, um número que não foi usado lá antes) e depois conclua esta etapa com o número",
        ),
        AgreeLicenses => StepText::new(
            "Combinar a quantidade de licenças",
            "quantas pessoas podem atender ao mesmo tempo é combinado com o parceiro, e nenhuma interface conhece esse número",
            "combine a quantidade de licenças com o parceiro e declare-a em `licenses.quantity`; depois conclua esta etapa com o valor `{value}` (sem número declarado: que nenhum foi combinado)",
        ),
        BuySeats => StepText::new(
            "Comprar assentos",
            "a conta não tem mais assentos para {value} dos agentes declarados",
            "compre assentos na plataforma ou libere alguns, e aumente os assentos em `limits` da conta, se houver; a etapa se fecha sozinha",
        ),
        SetLicenses => StepText::new(
            "Pedir a definição das licenças",
            "esta interface da plataforma não tem licenças: só o parceiro pode definir a quantidade",
            "peça ao parceiro para definir {value} licenças na conta e depois conclua esta etapa",
        ),
        BookTraining => StepText::new(
            "Agendar o treinamento",
            "estes não têm sessão de treinamento, e o parceiro só a realiza quando ela é agendada: `{value}`",
            "agende uma data com o parceiro e declare-a em `training.sessions` com o público; ou conclua esta etapa com este valor se não precisarem de treinamento",
        ),
        SendTicketFieldId => StepText::new(
            "Enviar o id do campo de ticket",
            "o bot grava o número da loja neste campo de cada conversa; sem o id nenhuma resposta chega ao cliente",
            "envie este id a quem opera o bot e depois conclua esta etapa com ele",
        ),
        SendConversationTag => StepText::new(
            "Enviar a tag das conversas",
            "o bot marca as conversas da loja com esta tag; os gatilhos não disparam para mais nada",
            "envie esta tag a quem opera o bot e depois conclua esta etapa com ela",
        ),
        ReceiveHandlerToken => StepText::new(
            "Receber o token do handler",
            "o webhook `{entry}` precisa do token do seu handler, e só quem opera o handler o conhece",
            "peça o token e crie o Secret `{value}` do tipo `humansupport.dev/webhook-token` com as chaves `host` e `token`; a etapa se fecha sozinha",
        ),
        SetWebhookAddress => StepText::new(
            "Definir o endereço do webhook",
            "a plataforma aceita o endereço do seu webhook só nas próprias configurações",
            "na administração do Zenvia Chat abra Configurações > Integrações > Webhooks e defina o endereço do webhook da loja (`{value}`); depois conclua esta etapa. Onde a interface mostra a configuração, a etapa se fecha sozinha",
        ),
        CreateDepartment => StepText::new(
            "Criar um departamento à mão",
            "esta interface da plataforma não pode criar o departamento `{entry}`, e as conversas chegam a departamentos",
            "na administração do Zenvia Chat abra Atendimento > Departamentos, crie `{value}` com o canal chat e deixe-o ativo; a etapa se fecha sozinha",
        ),
        SwitchBot => StepText::new(
            "Apontar o bot para a nova conta",
            "a loja mudou para outra conta; até o bot ser trocado, os clientes ainda chegam à antiga",
            "peça a quem opera o bot que envie as conversas para `{value}` e depois conclua esta etapa",
        ),
        ObtainPartnerAccount => StepText::new(
            "Obter uma conta do parceiro",
            "o parceiro só atende esta loja com uma conta própria",
            "peça a quem administra a conta que obtenha uma para `{value}` e a inclua em `zenvia.accounts`; a etapa se fecha sozinha",
        ),
        ReassignConversations => StepText::new(
            "Passar as conversas abertas a outros",
            "`{entry}` não tem mais acesso, e ainda há conversas abertas atribuídas a essa conta",
            "atribua-as a outra pessoa na plataforma; o assento é devolvido quando não restar nenhuma, ou depois de um dia",
        ),
        ResetPassword => StepText::new(
            "Definir uma senha",
            "a conta de `{entry}` foi criada com uma senha aleatória que foi descartada",
            "a pessoa deve escolher \"Esqueci minha senha\" com o endereço declarado e definir uma senha; depois conclua esta etapa",
        ),
        EnableHumanSupport => StepText::new(
            "Ligar o atendimento humano na administração da loja",
            "a administração da loja tem a própria chave, e nenhuma interface a lê ou escreve",
            "na administração da loja abra Apps > Conversational Commerce > Configurações > Atendimento Humano e ligue o atendimento humano; depois conclua esta etapa",
        ),
        DisableHumanSupport => StepText::new(
            "Desligar o atendimento humano na administração da loja",
            "`humanSupport` é Disabled, e nenhuma interface impede o bot de passar conversas adiante",
            "na administração da loja abra Apps > Conversational Commerce > Configurações > Atendimento Humano e desligue o atendimento humano; depois conclua esta etapa; as conversas abertas ainda podem ser terminadas na plataforma",
        ),
        SetBusinessHours => StepText::new(
            "Definir os horários na administração da loja",
            "o bot pergunta à administração da loja se há atendimento agora, e nenhuma interface escreve os horários",
            "na administração da loja abra Apps > Conversational Commerce > Configurações > Atendimento Humano e informe o fuso, as janelas e as exceções de `businessHours`; depois conclua esta etapa com o valor `{value}`",
        ),
        SetUnavailableMessage => StepText::new(
            "Definir a mensagem de indisponibilidade",
            "os clientes a leem quando ninguém atende, e nenhuma interface da plataforma a envia",
            "na administração da loja abra Apps > Conversational Commerce > Configurações > Atendimento Humano e informe `businessHours.unavailableMessage`; depois conclua esta etapa com o valor `{value}`",
        ),
    }
}

/// Who does a step.
pub(super) fn who(who: StepOwner) -> &'static str {
    match who {
        StepOwner::Store => "a loja",
        StepOwner::Partner => "o parceiro",
        StepOwner::PlatformTeam => "a equipe da plataforma",
        StepOwner::BotOperator => "quem opera o bot",
    }
}

table! {
    /// A heading or a phrase.
    fn label(Label) -> &'static str {
        Title => "Entrega de {store}",
        Generated => "Mantido pelo operador de atendimento humano; o que for mudado aqui é sobrescrito. A fonte é o recurso `{resource}`.",
        Store => "Loja",
        Account => "Conta",
        Host => "Central de atendimento",
        Platform => "Plataforma",
        WhatsAppNumber => "Número de WhatsApp",
        Licenses => "Licenças combinadas",
        LicensesUnknown => "nenhuma declarada",
        HumanSupport => "Atendimento humano",
        Enabled => "ligado",
        Disabled => "desligado: os clientes leem a mensagem de indisponibilidade",
        Installation => "Instalação",
        InstallationNote => "Um cluster reconstruído precisa receber este nome como `installation`, ou não encontra os seus objetos.",
        HandOver => "Para quem opera o bot",
        ConversationTag => "tag das conversas",
        TicketField => "id do campo de ticket do número de WhatsApp",
        DefaultDepartment => "departamento onde as conversas chegam",
        Webhook => "webhook `{entry}`",
        Item => "O quê",
        Value => "Valor",
        OpenSteps => "Etapas abertas",
        NoOpenStep => "Nenhuma: tudo o que pessoas precisam fazer está feito.",
        Customers => "os clientes esperam por ela",
        Why => "Por quê",
        How => "Como",
        Who => "Quem",
        CompletedBy => "Quando feito, acrescente a `completedSteps`",
        StepsMore => "E mais {value}; `status.summary.pending` conta todas.",
        Departments => "Departamentos",
        Name => "Nome",
        Description => "Descrição",
        Id => "Id na plataforma",
        People => "Pessoas",
        NobodyInProfile => "Ninguém.",
        PeopleMore => "E mais {value}; `spec.agents` lista todas.",
        NotActive => "inativo",
        Until => "até {value}",
        Profiles => "O que cada perfil pode fazer",
        ProfileAgent => "Agente",
        ProfileAdministrator => "Administrador",
        AgentDoes => "Atende os clientes: vendedores, representantes de vendas, equipes de suporte, central de atendimento. Vê a fila de conversas dos seus departamentos e o chat.",
        AdministratorDoes => "Gerencia e acompanha no módulo de Administração: vê o painel de atendimento, extrai relatórios, gerencia os atendentes e faz o que um agente faz.",
        Conditions => "O que não está como deveria",
        Training => "Treinamento",
        NoTraining => "Nenhuma sessão foi declarada.",
        Session => "Sessão",
        When => "Quando",
        Minutes => "{value} minutos",
        Location => "Onde",
        Audience => "Para",
        Requested => "solicitada, ainda sem data",
        Held => "realizada",
        Cancelled => "cancelada",
        Over => "já passou; foi realizada?",
        Planned => "planejada",
        Repeats => "a cada {weeks} semanas, {times} vezes",
        TrainingSummary => "Treinamento {entry}: {store}",
        Attendees => "Esperados: {value}",
        AttendeesMore => "e mais {value}",
        Reminder => "O treinamento começa em breve",
        Hours => "Horário de atendimento",
        UnavailableMessage => "Mensagem de indisponibilidade",
    }
}
